package dev.cairn.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Words that follow each other, as [Condition.Words] means them.
///
/// A word is a run of letters and digits in Unicode's sense, in lower case; all else separates. So
/// `i-0abc` is the two words `i` and `0abc`, and looking for it finds them side by side only.
///
/// Ids and times are no text: [#WHOLE_PATHS] names members whose values are found by all of their
/// text or not at all. Their fragments mean nothing to anyone, and there are more of them than of
/// all other words together.
///
/// @param text what the words were read from
/// @param words in order
public record Phrase(String text, List<Word> words) {

    /// Members whose values are not taken apart into words.
    public static final Set<String> WHOLE_PATHS =
            Set.of(
                    "eventID",
                    "requestID",
                    "sharedEventID",
                    "eventTime",
                    "userIdentity.sessionContext.attributes.creationDate",
                    "additionalEventData.x-amz-id-2");

    /// @param text letters and digits in lower case
    /// @param open whether any ending may follow
    public record Word(String text, boolean open) {
        boolean matches(String word) {
            return open ? word.startsWith(text) : word.equals(text);
        }
    }

    public Phrase {
        words = List.copyOf(words);
    }

    /// Reads the words of a search; a `*` right behind a word leaves its ending open.
    public static Phrase of(String text) {
        List<Word> words = new ArrayList<>();
        Cursor cursor = new Cursor(text);
        while (cursor.next()) {
            boolean open = cursor.end < text.length() && text.charAt(cursor.end) == '*';
            words.add(new Word(cursor.word(), open));
        }
        return new Phrase(text, words);
    }

    /// The words of a value, in order.
    public static List<String> wordsOf(String value) {
        List<String> words = new ArrayList<>();
        Cursor cursor = new Cursor(value);
        while (cursor.next()) {
            words.add(cursor.word());
        }
        return words;
    }

    /// Whether a member's value has the words; never for a phrase without words.
    public boolean in(String path, String value) {
        return WHOLE_PATHS.contains(path) ? isWhole(value) : in(value);
    }

    private boolean isWhole(String value) {
        return !words.isEmpty() && value.equals(text);
    }

    private boolean in(String value) {
        if (words.isEmpty()) {
            return false;
        }
        List<String> found = wordsOf(value);
        for (int start = 0; start + words.size() <= found.size(); start++) {
            int matched = 0;
            while (matched < words.size()
                    && words.get(matched).matches(found.get(start + matched))) {
                matched++;
            }
            if (matched == words.size()) {
                return true;
            }
        }
        return false;
    }

    /// Walks from word to word.
    private static final class Cursor {
        private final String text;
        private int start;
        private int end;

        Cursor(String text) {
            this.text = text;
        }

        boolean next() {
            start = end;
            while (start < text.length()) {
                int point = text.codePointAt(start);
                if (Character.isLetterOrDigit(point)) {
                    break;
                }
                start += Character.charCount(point);
            }
            end = start;
            while (end < text.length()) {
                int point = text.codePointAt(end);
                if (!Character.isLetterOrDigit(point)) {
                    break;
                }
                end += Character.charCount(point);
            }
            return start < end;
        }

        /// Lower-cased point by point, so that it does not depend on what stands around a letter
        /// nor on a language: an index has to come to the same word years later.
        String word() {
            StringBuilder lower = new StringBuilder(end - start);
            for (int at = start; at < end; ) {
                int point = text.codePointAt(at);
                at += Character.charCount(point);
                lower.appendCodePoint(Character.toLowerCase(point));
            }
            return lower.toString();
        }
    }
}
