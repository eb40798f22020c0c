using Ogrt.Actors.Cluster;

namespace Ogrt.Specs.Cluster.Formation;

public class NodeAddressSpec
{
    [Theory]
    [InlineData("Node1.Example.org:7972", "node1.example.org:7972")]
    [InlineData("node1.example.org.:1", "node1.example.org:1")]
    [InlineData("10.0.0.1:7972", "10.0.0.1:7972")]
    [InlineData("[fd00:0:0::1]:7972", "[fd00::1]:7972")]
    public void An_address_has_one_form(string text, string form)
    {
        Assert.True(NodeAddress.TryParse(text, out NodeAddress? address));
        Assert.Equal(form, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData(":7972")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("fd00::1:7972")]
    public void What_is_no_address_is_none(string text) => Assert.False(NodeAddress.TryParse(text, out _));

    [Fact]
    public void Addresses_are_in_the_order_of_their_numbers()
    {
        string[] texts = ["10.0.0.9:2", "10.0.0.9:10", "10.0.0.10:1", "[fd00::2]:1", "[fd00::10]:1", "a:1", "b:1"];
        NodeAddress[] addresses = [.. texts.Reverse().Select(t => NodeAddress.TryParse(t, out NodeAddress? a) ? a.Value : throw new FormatException(t)).Order()];
        Assert.Equal(texts, addresses.Select(a => a.ToString()));
    }
}
