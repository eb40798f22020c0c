using Ogrt.Actors.Ingest;

namespace Ogrt.Specs.Ingest;

public sealed class AcceptErrorsSpec
{
    [Theory]
    [InlineData(11, AcceptError.None)] // EAGAIN
    [InlineData(4, AcceptError.None)] // EINTR
    [InlineData(103, AcceptError.Client)] // ECONNABORTED
    [InlineData(113, AcceptError.Client)] // EHOSTUNREACH
    [InlineData(1, AcceptError.Client)] // EPERM, a firewall
    [InlineData(24, AcceptError.Pressure)] // EMFILE
    [InlineData(105, AcceptError.Pressure)] // ENOBUFS
    [InlineData(9, AcceptError.Fatal)] // EBADF
    [InlineData(22, AcceptError.Fatal)] // EINVAL
    public void An_error_of_accept_is_sorted_by_what_it_calls_for(int errno, object tier) =>
        Assert.Equal(tier, AcceptErrors.Classify(errno));
}
