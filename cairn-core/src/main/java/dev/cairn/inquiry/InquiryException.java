package dev.cairn.inquiry;

/// A question that cannot be read, or not be answered within its bounds. The message is for whoever
/// asked.
public final class InquiryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InquiryException(String message) {
        super(message, null, false, false);
    }

    /// The sentence.
    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
