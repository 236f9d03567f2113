package dev.cairn.testkit.event;

import java.util.ArrayList;
import java.util.List;

/// A text with slots, taken apart once.
final class Template {
    /// Text, slot, text, slot, …, text: one text more than there are slots.
    private final String[] texts;

    private final int[] slots;

    private Template(String[] texts, int[] slots) {
        this.texts = texts;
        this.slots = slots;
    }

    /// @throws IllegalStateException when a slot is none that [Slots] can fill
    static Template of(String text) {
        List<String> texts = new ArrayList<>();
        List<Integer> slots = new ArrayList<>();
        int at = 0;
        for (int open = text.indexOf("${"); open >= 0; open = text.indexOf("${", at)) {
            int close = text.indexOf('}', open);
            texts.add(text.substring(at, open));
            slots.add(Slots.index(text.substring(open + 2, close)));
            at = close + 1;
        }
        texts.add(text.substring(at));
        return new Template(
                texts.toArray(String[]::new), slots.stream().mapToInt(slot -> slot).toArray());
    }

    void fill(StringBuilder out, Slots values) {
        for (int i = 0; i < slots.length; i++) {
            out.append(texts[i]).append(values.value(slots[i]));
        }
        out.append(texts[slots.length]);
    }
}
