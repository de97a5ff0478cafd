import com.fasterxml.jackson.annotation.JsonProperty;

/** A version of a cycle's task. */
public record Task(
    @JsonProperty("account_id") String accountId,
    @JsonProperty("cycle_payday") String cyclePayday,
    @JsonProperty("version") int version,
    @JsonProperty("reason") Reason reason
) {
    /** The rule that is met. */
    public record Reason(
        @JsonProperty("rule") String rule,
        @JsonProperty("observed") long observed,
        @JsonProperty("event_id") String eventId
    ) {}
}
