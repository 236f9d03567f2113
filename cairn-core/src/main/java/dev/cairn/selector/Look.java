package dev.cairn.selector;

import dev.cairn.event.Event;
import dev.cairn.event.Particulars;
import org.jspecify.annotations.Nullable;

/// One event under the eyes of all selectors of a trail: its particulars are read at most once.
final class Look {
    private final Event event;
    private @Nullable Particulars particulars;

    Look(Event event) {
        this.event = event;
    }

    Event event() {
        return event;
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
