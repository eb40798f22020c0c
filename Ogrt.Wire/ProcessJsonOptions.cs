namespace Ogrt.Wire;

/// <summary>How a record becomes JSON.</summary>
/// <param name="TimeUnit">The unit of <c>time</c>, <c>start_time</c> and <c>end_time</c>.</param>
/// <param name="Cache">
/// Where the text of repeated fields is kept between records; null to write it anew each time. It is used by one thread at
/// a time.
/// </param>
/// <param name="Environment">How the environment stands there.</param>
public readonly record struct ProcessJsonOptions(
    JsonTimeUnit TimeUnit = JsonTimeUnit.Seconds, JsonFragmentCache? Cache = null, EnvironmentForm Environment = EnvironmentForm.List);
