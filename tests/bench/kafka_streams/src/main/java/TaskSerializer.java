import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;

/** JSON with Jackson. */
public final class TaskSerializer implements Serializer<Task> {
    private static final ObjectWriter WRITER = new ObjectMapper().writerFor(Task.class);

    @Override
    public byte[] serialize(String topic, Task task) {
        try {
            return WRITER.writeValueAsBytes(task);
        } catch (JsonProcessingException error) {
            throw new SerializationException(error);
        }
    }
}
