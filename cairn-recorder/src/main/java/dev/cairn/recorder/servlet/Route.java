package dev.cairn.recorder.servlet;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What calls of one kind are recorded as.
///
/// @param eventName what such a call does: `CreateOrder`
/// @param readOnly whether it only looks; null: `GET`, `HEAD` and `OPTIONS` do
/// @param data whether it works on what the application keeps, rather than manages it
/// @param body whether the members of a JSON body, or the fields of a form, are request parameters
/// @param resources what it touches
/// @param redacted members to hide, as [dev.cairn.recorder.Event#redact] takes them
public record Route(
        String eventName,
        @Nullable Boolean readOnly,
        boolean data,
        boolean body,
        List<Touched> resources,
        List<String> redacted) {

    /// A resource, with request parameters in braces:
    /// `arn:shop:orders:{region}:{account}:order/{orderId}`.
    ///
    /// @param type such as `Shop::Order`
    public record Touched(String type, String arn) {}

    public Route {
        resources = List.copyOf(resources);
        redacted = List.copyOf(redacted);
    }

    /// A call that writes or reads by its method, with the parameters of its path and query.
    public static Route named(String eventName) {
        return new Route(eventName, null, false, false, List.of(), List.of());
    }

    public Route reading() {
        return new Route(eventName, true, data, body, resources, redacted);
    }

    public Route writing() {
        return new Route(eventName, false, data, body, resources, redacted);
    }

    /// Its events are data events: found by searches, not by LookupEvents.
    public Route onData() {
        return new Route(eventName, readOnly, true, body, resources, redacted);
    }

    /// What a JSON body or a form says is among its request parameters.
    public Route withBody() {
        return new Route(eventName, readOnly, data, true, resources, redacted);
    }

    /// What it touches, with request parameters in braces.
    public Route resource(String type, String arn) {
        var more = new ArrayList<>(resources);
        more.add(new Touched(type, arn));
        return new Route(eventName, readOnly, data, body, more, redacted);
    }

    /// Hides parameters.
    public Route redact(String... names) {
        var more = new ArrayList<>(redacted);
        more.addAll(List.of(names));
        return new Route(eventName, readOnly, data, body, resources, more);
    }
}
