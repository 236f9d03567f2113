package dev.cairn.report;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who did what in a week, held against the week before.
///
/// @param from where the week begins
/// @param to where it ends, exclusive
/// @param zone in which its times are shown
/// @param week what was counted in it
/// @param before what was counted in the week before; null when history does not reach back
/// @param people who did most, by changes and then calls
/// @param resources what was changed most
/// @param oddities what somebody should look at
/// @param notes what the report does not cover, as sentences
public record WeekReport(
        Instant from,
        Instant to,
        ZoneId zone,
        Totals week,
        @Nullable Totals before,
        List<Person> people,
        List<Thing> resources,
        List<Oddity> oddities,
        List<String> notes) {

    public WeekReport {
        people = List.copyOf(people);
        resources = List.copyOf(resources);
        oddities = List.copyOf(oddities);
        notes = List.copyOf(notes);
    }

    /// What all events came to.
    ///
    /// @param changes calls that were not read-only
    /// @param errors calls that failed or were refused
    /// @param people how many different callers; as many as are known where there were too many
    /// @param regions how many different ones
    public record Totals(long calls, long changes, long errors, long people, long regions) {}

    /// A caller.
    ///
    /// @param name an ARN, a user's name, a service, or where an unnamed caller called from
    /// @param before calls in the week before
    /// @param last the newest call
    /// @param deeds what they called most, changes first
    public record Person(
            String name,
            long calls,
            long changes,
            long errors,
            long before,
            Instant last,
            List<Deed> deeds) {
        public Person {
            deeds = List.copyOf(deeds);
        }
    }

    /// What was called, or by whom, and how often.
    public record Deed(String name, long calls) {}

    /// A resource.
    ///
    /// @param type as CloudFormation calls it; empty when nobody said
    /// @param by who touched it most
    public record Thing(
            String name, String type, long calls, long changes, long errors, List<Deed> by) {
        public Thing {
            by = List.copyOf(by);
        }
    }

    /// What somebody should look at.
    ///
    /// @param subject whom or what it is about
    /// @param words what is odd, in a sentence without its subject
    public record Oddity(Kind kind, String subject, String words) {}

    /// The kinds of oddities, the gravest first.
    public enum Kind {
        ROOT("the root user"),
        NEW_CALLER("a new caller"),
        NEW_REGION("a new region"),
        ERRORS("errors rising"),
        HOURS("unusual hours"),
        NEW_CALL("called for the first time");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        /// For people.
        public String title() {
            return title;
        }
    }
}
