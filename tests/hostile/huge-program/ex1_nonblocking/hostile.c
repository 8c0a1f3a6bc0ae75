/* A program of 64 GB, and one of 1 GB in the data. */
char data[(1ull << 30)] = {1};
char more[(1ull << 36)] = {1, [1ull << 35] = 2};

int main(void)
{
    return data[5] + more[6];
}
