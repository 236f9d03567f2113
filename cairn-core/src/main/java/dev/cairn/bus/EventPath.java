package dev.cairn.bus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A part of an event, such as `$.detail.items[0].id`; `$` is all of it.
///
/// Source: Amazon EventBridge User Guide, "Amazon EventBridge input transformation": dots, and
/// places in arrays.
public final class EventPath {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern STEP = Pattern.compile("\\.([^.\\[\\]'\"*\\s]+)|\\[(\\d{1,6})\\]");

    private final List<Step> steps;

    private sealed interface Step {
        record Member(String name) implements Step {}

        record Place(int index) implements Step {}
    }

    private EventPath(List<Step> steps) {
        this.steps = steps;
    }

    /// Empty when it is no path.
    public static Optional<EventPath> of(String text) {
        if (!text.startsWith("$")) {
            return Optional.empty();
        }
        List<Step> steps = new ArrayList<>();
        Matcher matcher = STEP.matcher(text);
        int at = 1;
        while (at < text.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                return Optional.empty();
            }
            String member = matcher.group(1);
            steps.add(
                    member == null
                            ? new Step.Place(Integer.parseInt(matcher.group(2)))
                            : new Step.Member(member));
            at = matcher.end();
        }
        return Optional.of(new EventPath(steps));
    }

    /// What an event has there, as JSON; empty when it has nothing there.
    ///
    /// @param event a JSON object
    Optional<String> in(String event) {
        try (JsonParser parser = JSON.createParser(event)) {
            parser.nextToken();
            for (Step step : steps) {
                boolean there =
                        switch (step) {
                            case Step.Member(String name) -> member(parser, name);
                            case Step.Place(int index) -> place(parser, index);
                        };
                if (!there) {
                    return Optional.empty();
                }
            }
            StringWriter text = new StringWriter();
            try (JsonGenerator json = JSON.createGenerator(text)) {
                json.copyCurrentStructureExact(parser);
            }
            return Optional.of(text.toString());
        } catch (IOException malformed) {
            throw new IllegalStateException("expected an event", malformed);
        }
    }

    /// As [#in], with a text as it is; an empty text when the event has nothing there.
    String text(String event) {
        Optional<String> found = in(event);
        if (found.isEmpty() || !found.get().startsWith("\"")) {
            return found.orElse("");
        }
        try (JsonParser parser = JSON.createParser(found.get())) {
            return parser.nextTextValue();
        } catch (IOException malformed) {
            throw new IllegalStateException("expected what was just written", malformed);
        }
    }

    private static boolean member(JsonParser parser, String name) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return false;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean wanted = parser.currentName().equals(name);
            parser.nextToken();
            if (wanted) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }

    private static boolean place(JsonParser parser, int index) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return false;
        }
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            if (i == index) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }
}
