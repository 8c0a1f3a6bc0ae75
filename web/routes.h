/* The handlers that the table of routes (routes.c) names. */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "http.h"

/* sign.c */
enum MHD_Result signin_page(Request *request);
enum MHD_Result signin(Request *request);
enum MHD_Result signin_link(Request *request);
enum MHD_Result signout(Request *request);
enum MHD_Result claim_page(Request *request);
enum MHD_Result claim(Request *request);
enum MHD_Result account_page(Request *request);
enum MHD_Result account_token(Request *request);

/* sso.c */
enum MHD_Result sso(Request *request);

/* views.c */
enum MHD_Result home(Request *request);
enum MHD_Result class_view(Request *request);
enum MHD_Result failures_view(Request *request);
enum MHD_Result student_view(Request *request);
enum MHD_Result student_link(Request *request);
enum MHD_Result student_again(Request *request);
enum MHD_Result submission_view(Request *request);
enum MHD_Result exercise_view(Request *request);
enum MHD_Result scenario_view(Request *request);
enum MHD_Result activity_view(Request *request);

/* downloads.c */
enum MHD_Result trace_download(Request *request);
enum MHD_Result report_download(Request *request);
enum MHD_Result grades_download(Request *request);

/* report_http.c */
int report_begin(Request *request);
bool report_body(Request *request, const char *bytes, size_t len);
enum MHD_Result report_finish(Request *request);

/* staff.c */
enum MHD_Result view_as(Request *request);
enum MHD_Result pause_grading(Request *request);
enum MHD_Result set_banner(Request *request);
enum MHD_Result retry_job(Request *request);
enum MHD_Result link_repository(Request *request);

#endif
