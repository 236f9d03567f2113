package dev.cairn.filter;

/// A text is not a filter pattern.
///
/// The message is for whoever wrote it. AWS has two sentences: one that names the characters that
/// may not stand where they do, and one that says no more than that the pattern is invalid; the
/// second depends on the operation, which puts it before ours.
public final class FilterPatternException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean characters;

    private FilterPatternException(String message, boolean characters) {
        super(message, null, false, false);
        this.characters = characters;
    }

    /// @param words what was expected, then what came
    static FilterPatternException malformed(String words) {
        return new FilterPatternException(words, false);
    }

    /// @param term the characters that may not stand there
    static FilterPatternException characters(String term) {
        return new FilterPatternException(
                "Invalid character(s) in term '%s'".formatted(term), true);
    }

    /// What the caller is told.
    ///
    /// @param sentence AWS's for the operation, such as `Invalid metric filter pattern`
    public String message(String sentence) {
        return characters ? String.valueOf(getMessage()) : sentence + ": " + getMessage();
    }
}
