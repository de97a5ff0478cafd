import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** JSON with Jackson. */
public final class EventDeserializer implements Deserializer<Event> {
    private static final ObjectReader READER = new ObjectMapper().readerFor(Event.class);

    @Override
    public Event deserialize(String topic, byte[] data) {
        try {
            return data == null ? null : READER.readValue(data);
        } catch (IOException error) {
            throw new SerializationException(error);
        }
    }
}
