package dev.cairn.metric;

/// A metric maths expression that cannot be read, or makes no sense. The message goes to whoever
/// wrote it.
public final class ExpressionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExpressionException(String message) {
        super(message, null, false, false);
    }

    /// An expression that comes to several time series where one is wanted.
    public static ExpressionException severalSeries(String id) {
        return new ExpressionException(id + " comes to several time series, expected one");
    }

    /// The sentence.
    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
