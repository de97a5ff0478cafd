/** Rule R5: which bucket a posting counts in, and with which sign. */
public final class Buckets {
    public static final int MOVED_OUT = 0;
    public static final int SPENT = 1;
    public static final int INVESTED = 2;
    public static final int RETURNED = 3;
    public static final int COUNT = 4;
    public static final int NONE = -1;

    private Buckets() {}

    public static int of(boolean out, String kind) {
        return switch (kind) {
            case "transfer" -> out ? MOVED_OUT : RETURNED;
            case "cash", "other" -> out ? SPENT : RETURNED;
            case "consumption", "bill", "loan_repayment" -> SPENT;
            case "investment", "internal" -> INVESTED;
            default -> NONE;
        };
    }

    /** Money that comes back in lowers what was spent or invested. */
    public static int sign(boolean out, int bucket) {
        return out || bucket == RETURNED ? 1 : -1;
    }
}
