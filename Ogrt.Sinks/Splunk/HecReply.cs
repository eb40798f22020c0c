namespace Ogrt.Sinks.Splunk;

/// <summary>What came of one request with events.</summary>
/// <param name="Meaning">What it says about them.</param>
/// <param name="Verdict">The verdict on all of them, where there is nothing better.</param>
/// <param name="EventNumber">The event that is named as the one that cannot be taken.</param>
/// <param name="Exchange">Where the acknowledgement is to be waited for; null without acknowledgement.</param>
internal readonly record struct HecReply(
    HecMeaning Meaning, SinkVerdict Verdict, int? EventNumber = null, Acknowledgements.AckExchange? Exchange = null);
