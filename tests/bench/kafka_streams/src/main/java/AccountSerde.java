import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** The state in compact bytes, the fastest way there is: JSON would cost Kafka Streams more than its store does. */
public final class AccountSerde implements Serde<Account> {
    private static final int FIXED = 8 * 3 + 8 * Buckets.COUNT + 4 * 3;

    @Override
    public Serializer<Account> serializer() {
        return (topic, account) -> account == null ? null : encode(account);
    }

    @Override
    public Deserializer<Account> deserializer() {
        return (topic, bytes) -> bytes == null ? null : decode(bytes);
    }

    private static byte[] encode(Account account) {
        byte[] employer = account.employer.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(FIXED + employer.length + 16 * account.days);
        bytes.putLong(account.payday).putLong(account.pay).putLong(account.balance);
        for (long bucket : account.buckets) {
            bytes.putLong(bucket);
        }
        bytes.putInt(account.hits).putInt(employer.length).put(employer).putInt(account.days);
        for (int day = 0; day < account.days; day++) {
            bytes.putDouble(account.kept[day]).putLong(account.balances[day]);
        }
        return bytes.array();
    }

    private static Account decode(byte[] data) {
        ByteBuffer bytes = ByteBuffer.wrap(data);
        Account account = new Account();
        account.payday = bytes.getLong();
        account.pay = bytes.getLong();
        account.balance = bytes.getLong();
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            account.buckets[bucket] = bytes.getLong();
        }
        account.hits = bytes.getInt();
        byte[] employer = new byte[bytes.getInt()];
        bytes.get(employer);
        account.employer = new String(employer, StandardCharsets.UTF_8);
        account.days = bytes.getInt();
        account.kept = new double[account.days + 1];
        account.balances = new long[account.days + 1];
        for (int day = 0; day < account.days; day++) {
            account.kept[day] = bytes.getDouble();
            account.balances[day] = bytes.getLong();
        }
        return account;
    }
}
