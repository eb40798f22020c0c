using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Ogrt.Actors.Cluster.Formation;

/// <summary>
/// The nodes that an alias in the DNS names: its addresses, of the family that this node's own address has, each with this
/// node's port; or its SRV records (RFC 2782), which name host and port. Name servers are asked, not the files of the host
/// and not its caches: an answer is to be what the DNS says now.
/// </summary>
public sealed class DnsContacts : IContactSource
{
    private readonly DnsSettings _settings;
    private readonly NodeAddress _self;
    private readonly LookupClient _client;

    /// <summary>Makes a source.</summary>
    /// <param name="settings">The alias and who is asked.</param>
    /// <param name="self">This node's address: its family and port count.</param>
    public DnsContacts(DnsSettings settings, NodeAddress self)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _self = self;
        LookupClientOptions options = settings.Servers.Count > 0
            ? new LookupClientOptions([.. settings.Servers.Select(s => new NameServer(s))])
            : new LookupClientOptions();
        options.UseCache = false;
        options.ThrowDnsErrors = false;
        options.Timeout = settings.Timeout;
        options.Retries = 1;
        // Of several servers the first that answers counts, whatever it answers.
        options.ContinueOnDnsError = false;
        options.ContinueOnEmptyResponse = false;
        _client = new LookupClient(options);
    }

    /// <inheritdoc/>
    public async Task<(IReadOnlyList<NodeAddress>? Contacts, string Why)> LookUpAsync(CancellationToken cancellationToken)
    {
        QueryType type = _settings.UsesSrv ? QueryType.SRV
            : IPAddress.TryParse(_self.Host, out IPAddress? own) && own.AddressFamily == AddressFamily.InterNetworkV6 ? QueryType.AAAA
            : QueryType.A;
        try
        {
            IDnsQueryResponse answer = await _client.QueryAsync(_settings.Alias, type, QueryClass.IN, cancellationToken).ConfigureAwait(false);
            // That a name does not exist is an answer; that a server fails or refuses is none.
            if (answer.HasError && answer.Header.ResponseCode != DnsHeaderResponseCode.NotExistentDomain)
                return (null, $"{type} {_settings.Alias}: {answer.ErrorMessage}");
            IEnumerable<NodeAddress> found = answer.Answers.Select(record => record switch
            {
                SrvRecord srv when type == QueryType.SRV => new NodeAddress(NodeAddress.Normal(srv.Target.Value), srv.Port),
                AddressRecord address when address.RecordType.ToString() == type.ToString() =>
                    new NodeAddress(NodeAddress.Normal(address.Address.ToString()), _self.Port),
                _ => default,
            });
            return ([.. found.Where(a => a.Host is { Length: > 0 }).Distinct().Order()], "");
        }
        catch (Exception e) when (e is DnsResponseException or SocketException or OperationCanceledException or InvalidOperationException)
        {
            return (null, $"{type} {_settings.Alias}: {e.Message}");
        }
    }
}
