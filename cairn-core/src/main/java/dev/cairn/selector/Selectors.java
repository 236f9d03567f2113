package dev.cairn.selector;

import dev.cairn.event.Event;
import dev.cairn.event.Glance;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.List;

/// Which events a trail or an event data store takes: an event is taken when one of the selectors
/// takes it.
///
/// Immutable, and checked when it is made; any thread may ask. Questions that [Event] answers come
/// first, and the record's bytes are read only for an event that has passed them all: most refusals
/// cost well under a microsecond.
///
/// What is not said by the API Reference and decided here:
///
/// - conditions on `resources.type` and `resources.ARN` must be met by one and the same item of the
///   record's own `resources`; an item without an ARN is known by its `ARNPrefix`;
/// - `readOnly` of an old record is derived (`docs/event.md`);
/// - events of other categories (Insight, Aggregated and what is unknown) are taken by no selector.
public final class Selectors {
    /// The most basic selectors of a trail.
    public static final int BASIC_MAX = 5;

    /// The most values in the data resources of a trail's basic selectors, those for all resources
    /// of a type not counted.
    public static final int DATA_VALUES_MAX = 250;

    /// The most values in a trail's advanced selectors.
    public static final int ADVANCED_VALUES_MAX = 500;

    /// The most selectors of an event data store.
    public static final int STORE_MAX = 5;

    /// What an event data store takes that was told nothing: all management events, as AWS's.
    public static final Selectors STORE_DEFAULT =
            readOfStore(
                    """
                    {"AdvancedEventSelectors":[{"Name":"Default management events",
                     "FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]}\
                    """);

    /// What a trail takes that was told nothing.
    public static final Selectors DEFAULT = basic(List.of(EventSelector.DEFAULT));

    private final List<EventSelector> basic;
    private final List<AdvancedEventSelector> advanced;
    private final List<Compiled> compiled;

    private Selectors(
            List<EventSelector> basic,
            List<AdvancedEventSelector> advanced,
            List<Compiled> compiled) {
        this.basic = basic;
        this.advanced = advanced;
        this.compiled = compiled;
    }

    /// @throws Failure INVALID_EVENT_SELECTORS
    public static Selectors basic(List<EventSelector> selectors) {
        Rules.checkBasic(selectors);
        return new Selectors(
                List.copyOf(selectors),
                List.of(),
                selectors.stream().<Compiled>map(CompiledBasic::new).toList());
    }

    /// @throws Failure INVALID_EVENT_SELECTORS
    public static Selectors advanced(List<AdvancedEventSelector> selectors) {
        return advanced(selectors, Rules.TRAIL);
    }

    static Selectors advanced(List<AdvancedEventSelector> selectors, Rules rules) {
        rules.checkAdvanced(selectors);
        return new Selectors(
                List.of(),
                List.copyOf(selectors),
                selectors.stream().<Compiled>map(CompiledAdvanced::new).toList());
    }

    /// Reads the API's own form: an object with `EventSelectors` or `AdvancedEventSelectors`, whose
    /// members have the types that the model demands. Other members are passed over.
    ///
    /// @throws Failure INVALID_EVENT_SELECTORS when it has none or both of them, or what they say
    ///   is against the rules
    /// @throws IllegalArgumentException when it is not of that form
    public static Selectors read(String json) {
        return SelectorForm.read(json, Rules.TRAIL);
    }

    /// As [#read], for an event data store: advanced selectors only, which may ask more of
    /// management events than a trail's.
    ///
    /// @throws Failure INVALID_EVENT_SELECTORS; UNSUPPORTED_OPERATION for categories that AWS's
    ///   stores take and Cairn's do not
    /// @throws IllegalArgumentException when it is not of that form
    public static Selectors readOfStore(String json) {
        return SelectorForm.read(json, Rules.STORE);
    }

    /// The API's own form, with every default written out.
    public String json() {
        return SelectorForm.write(this);
    }

    /// Whether one of the selectors takes an event.
    public boolean takes(Event event) {
        Look look = new Look(event);
        for (Compiled selector : compiled) {
            if (selector.takes(look)) {
                return true;
            }
        }
        return false;
    }

    /// Whether one of the selectors takes a record, judged at a glance. Costs little.
    ///
    /// @param json a record that a strict reader took
    public Verdict judge(byte[] json, Glance glance) {
        Verdict all = Verdict.REFUSED;
        for (Compiled selector : compiled) {
            switch (selector.judge(json, glance)) {
                case TAKEN -> {
                    return Verdict.TAKEN;
                }
                case UNSURE -> all = Verdict.UNSURE;
                case REFUSED -> {
                    // Another one may take it.
                }
            }
        }
        return all;
    }

    /// The basic selectors; empty when the advanced kind is used.
    public List<EventSelector> basic() {
        return basic;
    }

    /// The advanced selectors; empty when the basic kind is used.
    public List<AdvancedEventSelector> advanced() {
        return advanced;
    }

    /// Whether they say something other than the default, as `HasCustomEventSelectors` tells.
    public boolean custom() {
        return !basic.equals(DEFAULT.basic);
    }

    /// Whether data events are among what is taken.
    public boolean takesDataEvents() {
        return compiled.stream().anyMatch(Compiled::wantsDataEvents);
    }

    /// Whether they take what comes through channels, and nothing else.
    public boolean takesActivity() {
        return !advanced.isEmpty() && Rules.category(advanced.getFirst()).equals(Rules.ACTIVITY);
    }

    /// The two kinds are told apart by being empty or not, and neither list may be empty alone.
    @Override
    public boolean equals(Object other) {
        return other instanceof Selectors that
                && basic.equals(that.basic)
                && advanced.equals(that.advanced);
    }

    @Override
    public int hashCode() {
        return 31 * basic.hashCode() + advanced.hashCode();
    }

    @Override
    public String toString() {
        return json();
    }

    static Failure refused(String message) {
        return new Failure(ErrorCode.INVALID_EVENT_SELECTORS, message);
    }

    /// A selector made ready to ask.
    interface Compiled {
        boolean takes(Look look);

        /// Never contradicts [#takes].
        Verdict judge(byte[] json, Glance glance);

        boolean wantsDataEvents();
    }
}
