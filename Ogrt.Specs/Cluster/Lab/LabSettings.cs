namespace Ogrt.Specs.Cluster.Lab;

/// <summary>Settings of the servers of a laboratory.</summary>
internal static class LabSettings
{
    /// <summary>Times that suit a spec: those of an operator are longer because servers are busy.</summary>
    public const string Quick = """
        ogrt.cluster-node {
          stable-margin = 2 s
          probe-interval = 500 ms
        }
        ogrt.jobs {
          snapshot-interval = 500 ms
          record-delay = 200 ms
          record-interval = 1 s
          feed.resend-after = 4 s
        }
        ogrt.shutdown.flush-timeout = 2 s
        akka.cluster {
          failure-detector.acceptable-heartbeat-pause = 5 s
          split-brain-resolver.stable-after = 4 s
          sharding.retry-interval = 500 ms
        }
        """;
}
