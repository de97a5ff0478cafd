import java.util.Arrays;

/** An account's state: days are counted since 1970, buckets are as in Buckets, the curve is two numbers a day. */
public final class Account {
    public static final int SINGLE_LARGE = 1;
    public static final int CUMULATIVE_LARGE = 2;

    public long payday;
    public String employer;
    public long pay;
    public long balance;
    public final long[] buckets = new long[Buckets.COUNT];
    public int days;
    /** Share of the pay kept (NaN where there is none) and balance, at the end of each day. */
    public double[] kept = new double[0];
    public long[] balances = new long[0];
    /** Which rules were met, a bit each. */
    public int hits;

    public int versions() {
        return Integer.bitCount(hits);
    }

    public void endDay(double share) {
        if (days == kept.length) {
            kept = Arrays.copyOf(kept, days + 8);
            balances = Arrays.copyOf(balances, days + 8);
        }
        kept[days] = share;
        balances[days++] = balance;
    }
}
