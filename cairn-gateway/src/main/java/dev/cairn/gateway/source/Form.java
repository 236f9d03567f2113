package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.RefusalCode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A form that somebody filled in: every member known, every needed one there, each of its type.
final class Form {
    private static final int TEXT_CHARS_MAX = 1024;

    private final ObjectNode filledIn;
    private final String path;

    /// A form that is not filled in as it must be.
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        private final RefusalCode code;
        private final String words;

        Wrong(RefusalCode code, String words) {
            super(words, null, false, false);
            this.code = code;
            this.words = words;
        }

        Heard.Refused refused() {
            return new Heard.Refused(code, words);
        }
    }

    private Form(ObjectNode filledIn, String path) {
        this.filledIn = filledIn;
        this.path = path;
    }

    /// @param members all there may be
    static Form of(ObjectNode filledIn, Set<String> members) throws Wrong {
        return of(filledIn, "", members);
    }

    private static Form of(ObjectNode filledIn, String path, Set<String> members) throws Wrong {
        for (var field : filledIn.properties()) {
            if (!members.contains(field.getKey())) {
                throw new Wrong(
                        RefusalCode.INVALID_FIELD,
                        "expected no members but %s, got '%s%s'"
                                .formatted(
                                        String.join(", ", members.stream().sorted().toList()),
                                        path,
                                        shortened(field.getKey())));
            }
        }
        return new Form(filledIn, path);
    }

    /// A form within the form, which must be there.
    Form inner(String member, Set<String> members) throws Wrong {
        var value = filledIn.path(member);
        if (value instanceof ObjectNode object) {
            return of(object, path + member + ".", members);
        }
        throw missingOrWrong(member, value, "an object");
    }

    String text(String member) throws Wrong {
        var text = textOrNull(member);
        if (text == null) {
            throw missingOrWrong(member, filledIn.path(member), "text");
        }
        return text;
    }

    /// @return null when it is absent, null or empty
    @Nullable String textOrNull(String member) throws Wrong {
        var value = filledIn.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual() || value.textValue().length() > TEXT_CHARS_MAX) {
            throw new Wrong(
                    RefusalCode.INVALID_FIELD,
                    "%s%s: expected text of at most %d characters, got %s"
                            .formatted(path, member, TEXT_CHARS_MAX, shortened(value.toString())));
        }
        return value.textValue().isEmpty() ? null : value.textValue();
    }

    String oneOf(String member, Set<String> words, @Nullable String absent) throws Wrong {
        var text = textOrNull(member);
        var word = text == null ? absent : text;
        if (word == null) {
            throw missingOrWrong(member, filledIn.path(member), "text");
        }
        if (!words.contains(word)) {
            throw new Wrong(
                    RefusalCode.INVALID_FIELD,
                    "%s%s: expected %s, got '%s'"
                            .formatted(
                                    path,
                                    member,
                                    String.join(" or ", words.stream().sorted().toList()),
                                    shortened(word)));
        }
        return word;
    }

    /// A moment, to the second, as records have it.
    String time(String member) throws Wrong {
        Instant time = Times.of(filledIn.path(member));
        if (time == null) {
            throw missingOrWrong(
                    member, filledIn.path(member), "a time such as 2026-11-21T08:00:00Z");
        }
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// @return null when it is absent
    @Nullable Boolean truthOrNull(String member) throws Wrong {
        var value = filledIn.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isBoolean()) {
            throw missingOrWrong(member, value, "true or false");
        }
        return value.booleanValue();
    }

    /// An object of the sender's own; null when it is absent.
    @Nullable ObjectNode objectOrNull(String member) throws Wrong {
        var value = filledIn.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (value instanceof ObjectNode object) {
            return Shown.withoutSecrets(object);
        }
        throw missingOrWrong(member, value, "an object");
    }

    private Wrong missingOrWrong(String member, JsonNode value, String expected) {
        return value.isMissingNode() || value.isNull()
                ? new Wrong(
                        RefusalCode.MISSING_FIELD,
                        "%s%s: expected %s, got nothing".formatted(path, member, expected))
                : new Wrong(
                        RefusalCode.INVALID_FIELD,
                        "%s%s: expected %s, got %s"
                                .formatted(path, member, expected, shortened(value.toString())));
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
