package dev.cairn.selector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.event.Event;
import dev.cairn.event.Particulars;
import org.jspecify.annotations.Nullable;

/// One event under the eyes of all selectors of a trail: its particulars are read at most once.
final class Look {
    private final Event event;
    private @Nullable Particulars particulars;
    private @Nullable String bytes;

    Look(Event event) {
        this.event = event;
    }

    Event event() {
        return event;
    }

    /// Whether the record may have a text, which costs a search of its bytes and spares reading
    /// them. JSON hides such a text only behind an escape by number.
    ///
    /// @param text of letters, digits and colons
    boolean mayMention(String text) {
        if (particulars != null) {
            return true;
        }
        String known = bytes;
        if (known == null) {
            // One character for each byte, whatever the record's characters are.
            known = new String(event.json(), ISO_8859_1);
            bytes = known;
        }
        return known.contains(text) || known.contains("\\u");
    }

    Particulars particulars() {
        Particulars known = particulars;
        if (known == null) {
            known = Particulars.of(event.json());
            particulars = known;
        }
        return known;
    }
}
