using Akka.Actor;
using Akka.Configuration;
using Ogrt.Actors.Cluster;

namespace Ogrt.Specs.Cluster.Wire;

/// <summary>An actor system for its serializers alone: one for all facts of a class, as its start and end take seconds.</summary>
public sealed class SerializingSystem : IDisposable
{
    public ActorSystem System { get; } = ActorSystem.Create("wire", OgrtCluster.Config(
        ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF")).WithFallback(ConfigurationFactory.Default()));

    public void Dispose() => System.Dispose();
}
