#include "routes.h"
enum MHD_Result home(Request *r)
{
    return reply_text(r, 200, r->person.name);
}
enum MHD_Result class_view(Request *r)
{
    return reply_not_found(r);
}
enum MHD_Result failures_view(Request *r)
{
    return reply_not_found(r);
}
enum MHD_Result student_view(Request *r)
{
    return reply_not_found(r);
}
enum MHD_Result submission_view(Request *r)
{
    return reply_not_found(r);
}
enum MHD_Result exercise_view(Request *r)
{
    return reply_not_found(r);
}
enum MHD_Result activity_view(Request *r)
{
    return reply_not_found(r);
}
enum MHD_Result trace_download(Request *r)
{
    return reply_not_found(r);
}
enum MHD_Result report_download(Request *r)
{
    return reply_not_found(r);
}
