/* Errors without end, each of another name. */
#define JOIN(a, b) a##b
#define NAME(a, b) JOIN(a, b)
#define A(x)       x x x x x x x x x x
#define B(x)       A(A(A(A(x))))
int main(void)
{
    B(NAME(undeclared_, __COUNTER__) = "FORGED" + missing[0];)
    return 0;
}
