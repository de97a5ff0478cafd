import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** The bench task on Kafka Streams: one processor, one store with its changelog. Settings come from the environment. */
public final class BenchTask {
    private static final String STORE = "accounts";

    public static void main(String[] args) throws InterruptedException {
        Map<String, String> env = System.getenv();
        KafkaStreams streams = new KafkaStreams(topology(env), config(env));
        CountDownLatch over = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.setStateListener((now, before) -> {
            System.out.println("state " + now);
            if (now == KafkaStreams.State.NOT_RUNNING || now == KafkaStreams.State.ERROR) {
                over.countDown();
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        over.await();
    }

    private static Topology topology(Map<String, String> env) {
        KeyValueBytesStoreSupplier supplier = env.get("BENCH_STORE").equals("rocksdb")
            ? Stores.persistentKeyValueStore(STORE)
            : Stores.inMemoryKeyValueStore(STORE);
        StoreBuilder<KeyValueStore<String, Account>> accounts =
            Stores.keyValueStoreBuilder(supplier, Serdes.String(), new AccountSerde());
        if (env.get("BENCH_CACHING").equals("true")) {
            accounts = accounts.withCachingEnabled();
        }
        return new Topology()
            .addSource("events", Serdes.String().deserializer(), new EventDeserializer(), env.get("BENCH_SOURCE"))
            .addProcessor("detect", () -> new Detect(STORE), "events")
            .addStateStore(accounts, "detect")
            .addSink("tasks", env.get("BENCH_TASKS"), Serdes.String().serializer(), new TaskSerializer(), "detect");
    }

    private static Properties config(Map<String, String> env) {
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, env.get("BENCH_APP_ID"));
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, env.get("BENCH_BOOTSTRAP"));
        config.put(StreamsConfig.STATE_DIR_CONFIG, env.get("BENCH_HOME"));
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, env.get("BENCH_THREADS"));
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, env.get("BENCH_GUARANTEE"));
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, env.get("BENCH_COMMIT_MS"));
        config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, "1");
        config.put("auto.offset.reset", "earliest");
        // producer.linger.ms=5 producer.batch.size=65536 …: whatever else a trial wants to set
        for (String setting : env.getOrDefault("BENCH_CONFIG", "").split(" ")) {
            if (!setting.isEmpty()) {
                config.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
            }
        }
        return config;
    }
}
