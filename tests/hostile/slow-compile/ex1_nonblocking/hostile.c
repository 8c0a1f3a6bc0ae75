/* A compiler at work for ever: initialisers that are folded, deep nesting. */
#define A(x) ((x) ? (x) : (x))
#define B(x) A(A(A(A(x))))
#define C(x) B(B(B(x)))
int f(int n)
{
    return C(n);
}

int main(void)
{
    return f(1);
}
