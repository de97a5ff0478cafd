import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

/** What the rules need of an event; Jackson passes over the rest. */
@JsonIgnoreProperties(ignoreUnknown = true)
public final class Event {
    @JsonProperty("type") public String type;
    @JsonProperty("event_id") public String eventId;
    @JsonProperty("account_id") public String accountId;
    @JsonProperty("employer_id") public String employerId;
    @JsonProperty("direction") public String direction;
    @JsonProperty("kind") public String kind;
    @JsonProperty("amount") public long amount;
    @JsonProperty("balance_after") public long balanceAfter;
    @JsonProperty("occurred_at") public String occurredAt;
}
