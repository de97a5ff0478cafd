import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** The rules, as tests/bench/task.py has them. */
public final class Detect implements Processor<String, Event, String, Task> {
    private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    private static final int MERGE_DAYS = 3;
    private static final int WINDOW_DAYS = 7;
    private static final int CURVE_DAYS = 31;
    private static final long MIN_AMOUNT = 100_000;
    private static final int SINGLE_PERCENT = 30;
    private static final int CUMULATIVE_PERCENT = 50;

    private final String storeName;
    private ProcessorContext<String, Task> context;
    private KeyValueStore<String, Account> accounts;

    public Detect(String storeName) {
        this.storeName = storeName;
    }

    @Override
    public void init(ProcessorContext<String, Task> context) {
        this.context = context;
        this.accounts = context.getStateStore(storeName);
    }

    @Override
    public void process(Record<String, Event> record) {
        Event event = record.value();
        if (event.accountId == null) {
            return;
        }
        Account before = accounts.get(event.accountId);
        Account after = apply(before, event, record.timestamp());
        if (after != null) {
            accounts.put(event.accountId, after);
        }
    }

    private Account apply(Account account, Event event, long timestamp) {
        long day = OffsetDateTime.parse(event.occurredAt).atZoneSameInstant(ZONE).toLocalDate().toEpochDay();
        if (account != null) {
            endDays(account, day);
            if (day - account.payday > CURVE_DAYS) {
                account = null;
            }
        }
        if (event.type.equals("payroll_credit")) {
            return paid(account, event, day);
        }
        if (account == null) {
            return null;
        }
        account.balance = event.balanceAfter;
        boolean out = event.direction.equals("out");
        int bucket = Buckets.of(out, event.kind);
        if (bucket != Buckets.NONE) {
            account.buckets[bucket] += Buckets.sign(out, bucket) * event.amount;
        }
        if (bucket == Buckets.MOVED_OUT && account.pay > 0 && day - account.payday <= WINDOW_DAYS) {
            judge(account, event, timestamp, "single_large", Account.SINGLE_LARGE, event.amount, SINGLE_PERCENT);
            judge(account, event, timestamp, "cumulative_large", Account.CUMULATIVE_LARGE,
                account.buckets[Buckets.MOVED_OUT], CUMULATIVE_PERCENT);
        }
        return account;
    }

    private static Account paid(Account account, Event event, long day) {
        if (account != null && day - account.payday < MERGE_DAYS) {
            account.pay += event.amount;
            account.balance = event.balanceAfter;
            return account;
        }
        Account opened = new Account();
        opened.payday = day;
        opened.employer = event.employerId;
        opened.pay = event.amount;
        opened.balance = event.balanceAfter;
        return opened;
    }

    private static void endDays(Account account, long day) {
        while (account.days < Math.min(day - account.payday, CURVE_DAYS + 1)) {
            long[] buckets = account.buckets;
            long gone = Math.max(0, buckets[Buckets.MOVED_OUT] + buckets[Buckets.SPENT] - buckets[Buckets.RETURNED]);
            account.endDay(account.pay > 0
                ? Math.min(1.0, Math.max(0.0, 1 - (double) gone / account.pay))
                : Double.NaN);
        }
    }

    private void judge(
        Account account, Event event, long timestamp, String rule, int bit, long amount, int percent
    ) {
        if (amount >= MIN_AMOUNT && 100 * amount >= percent * account.pay && (account.hits & bit) == 0) {
            account.hits |= bit;
            String payday = LocalDate.ofEpochDay(account.payday).toString();
            Task.Reason reason = new Task.Reason(rule, amount, event.eventId);
            Task task = new Task(event.accountId, payday, account.versions(), reason);
            context.forward(new Record<>(event.accountId, task, timestamp));
        }
    }
}
