/* Messages, dependencies and paths that the source itself asks for. */
#pragma message "::error file=a,line=1::FORGED \033[31m"
#pragma GCC warning "\n::error::FORGED\n##[error]FORGED <img src=x onerror=alert(1)>"
#pragma GCC dependency "/etc/shadow"
#pragma GCC system_header
#warning ::error::FORGED
#if __has_include("/etc/passwd") || __has_include("/root/.bashrc")
#error ESCAPED: the compiler sees the host's files
#endif

int main(void)
{
    return 0;
}
