package dev.cairn.access;

/// A text is not a policy that can be judged. The message is for whoever wrote it.
public final class PolicyException extends Exception {
    private static final long serialVersionUID = 1L;

    PolicyException(String message) {
        super(message);
    }

    /// The sentence for the caller.
    public String message() {
        return String.valueOf(getMessage());
    }
}
