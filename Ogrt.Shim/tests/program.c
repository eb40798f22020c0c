/* What make check starts under the library. */
int main(void)
{
    return 0;
}
