package dev.cairn.bus;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Minutes by the calendar, in UTC: what stands in EventBridge's `cron(...)`.
///
/// Six fields: minutes, hours, day of the month, month, day of the week (1 is Sunday), year. Each
/// is a list of values, names, ranges and steps (`0/15`, `MON-FRI`, `*`); a range may go round, as
/// `FRI-MON` does. One of the two days is `?`. A day of the month may also be `L` (the last), `LW`
/// (the last from Monday to Friday) or `15W` (that nearest to the 15th in the month); a day of the
/// week `L` (Saturday), `5L` (the last Thursday of the month) or `5#2` (the second); these stand
/// alone.
///
/// Source: Amazon EventBridge User Guide, "Cron expressions reference".
final class Cron {
    private static final int YEAR_MIN = 1970;
    private static final int YEAR_MAX = 2199;
    private static final Pattern SPACES = Pattern.compile("\\s+");
    private static final Pattern ITEM =
            Pattern.compile(
                    "(?:\\*|([0-9]{1,4}|[A-Z]{3})(?:-([0-9]{1,4}|[A-Z]{3}))?)(?:/([0-9]{1,4}))?");
    private static final Pattern NEAREST = Pattern.compile("([0-9]{1,2})W");
    private static final Pattern LAST_OF = Pattern.compile("([0-9]{1,2}|[A-Z]{3})L");
    private static final Pattern NTH_OF = Pattern.compile("([0-9]{1,2}|[A-Z]{3})#([1-5])");
    private static final List<String> MONTHS =
            List.of(
                    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV",
                    "DEC");
    private static final List<String> WEEK =
            List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");
    private static final String ANY = "?";

    private final BitSet minutes;
    private final BitSet hours;
    private final Days days;
    private final BitSet months;
    private final BitSet years;

    private Cron(BitSet minutes, BitSet hours, Days days, BitSet months, BitSet years) {
        this.minutes = minutes;
        this.hours = hours;
        this.days = days;
        this.months = months;
        this.years = years;
    }

    /// Which days of a month are meant: the bits from 1 to its length.
    private interface Days {
        BitSet in(YearMonth month);
    }

    /// Not such fields.
    static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String words;

        InvalidException(String words) {
            super(words);
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    static Cron of(String text) throws InvalidException {
        String[] fields = SPACES.split(text.strip().toUpperCase(Locale.ROOT));
        if (fields.length != 6) {
            throw new InvalidException("expected 6 fields, got " + fields.length);
        }
        Field minute = new Field(0, 59, List.of());
        Field hour = new Field(0, 23, List.of());
        Field month = new Field(1, 12, MONTHS);
        Field year = new Field(YEAR_MIN, YEAR_MAX, List.of());
        return new Cron(
                minute.values(fields[0]),
                hour.values(fields[1]),
                days(fields[2], fields[4]),
                month.values(fields[3]),
                year.values(fields[5]));
    }

    /// What a field may have.
    ///
    /// @param names of its values from the least on; empty for none
    private record Field(int min, int max, List<String> names) {
        BitSet values(String list) throws InvalidException {
            BitSet values = new BitSet(max + 1);
            for (String item : list.split(",", -1)) {
                add(values, item);
            }
            return values;
        }

        private void add(BitSet values, String item) throws InvalidException {
            Matcher parts = ITEM.matcher(item);
            if (!parts.matches()) {
                throw new InvalidException("expected a value, a range or a step, got " + item);
            }
            String first = parts.group(1);
            String last = parts.group(2);
            String step = parts.group(3);
            int from = first == null ? min : value(first);
            int to = last != null ? value(last) : first == null || step != null ? max : from;
            int by = step == null ? 1 : Integer.parseInt(step);
            if (by < 1 || by > max) {
                throw new InvalidException(
                        "expected a step from 1 to %d, got %s".formatted(max, item));
            }
            int size = max - min + 1;
            int count = Math.floorMod(to - from, size);
            for (int i = 0; i <= count; i += by) {
                values.set(min + (from - min + i) % size);
            }
        }

        int value(String text) throws InvalidException {
            int named = names.indexOf(text);
            if (named >= 0) {
                return min + named;
            }
            if (!Character.isDigit(text.charAt(0))
                    || Integer.parseInt(text) < min
                    || Integer.parseInt(text) > max) {
                throw new InvalidException(
                        "expected a value from %d to %d, got %s".formatted(min, max, text));
            }
            return Integer.parseInt(text);
        }
    }

    private static Days days(String ofMonth, String ofWeek) throws InvalidException {
        if (ofMonth.equals(ANY) == ofWeek.equals(ANY)) {
            throw new InvalidException("expected ? for one of the two days");
        }
        return ofWeek.equals(ANY) ? daysOfMonth(ofMonth) : daysOfWeek(ofWeek);
    }

    private static Days daysOfMonth(String text) throws InvalidException {
        Field field = new Field(1, 31, List.of());
        Matcher nearest = NEAREST.matcher(text);
        if (text.equals("L")) {
            return month -> only(month.atEndOfMonth());
        }
        if (text.equals("LW")) {
            return month -> only(weekday(month.atEndOfMonth()));
        }
        if (nearest.matches()) {
            int day = field.value(nearest.group(1));
            return month -> month.isValidDay(day) ? only(weekday(month.atDay(day))) : new BitSet();
        }
        BitSet all = field.values(text);
        return month -> all.get(0, month.lengthOfMonth() + 1);
    }

    /// The day from Monday to Friday that is nearest in the same month.
    private static LocalDate weekday(LocalDate day) {
        return switch (day.getDayOfWeek()) {
            case SATURDAY -> day.plusDays(day.getDayOfMonth() == 1 ? 2 : -1);
            case SUNDAY -> day.plusDays(day.getDayOfMonth() == day.lengthOfMonth() ? -2 : 1);
            case MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY -> day;
        };
    }

    private static Days daysOfWeek(String text) throws InvalidException {
        Field field = new Field(1, 7, WEEK);
        Matcher last = LAST_OF.matcher(text);
        Matcher nth = NTH_OF.matcher(text);
        if (last.matches()) {
            DayOfWeek day = day(field.value(last.group(1)));
            return month -> only(month.atDay(1).with(TemporalAdjusters.lastInMonth(day)));
        }
        if (nth.matches()) {
            DayOfWeek day = day(field.value(nth.group(1)));
            int number = Integer.parseInt(nth.group(2));
            return month -> {
                LocalDate date =
                        month.atDay(1).with(TemporalAdjusters.dayOfWeekInMonth(number, day));
                return YearMonth.from(date).equals(month) ? only(date) : new BitSet();
            };
        }
        BitSet week = field.values(text.equals("L") ? "SAT" : text);
        return month -> {
            BitSet days = new BitSet();
            for (int day = 1; day <= month.lengthOfMonth(); day++) {
                days.set(day, week.get(month.atDay(day).getDayOfWeek().getValue() % 7 + 1));
            }
            return days;
        };
    }

    private static DayOfWeek day(int number) {
        return DayOfWeek.SATURDAY.plus(number);
    }

    private static BitSet only(LocalDate date) {
        BitSet days = new BitSet();
        days.set(date.getDayOfMonth());
        return days;
    }

    /// The first minute after a moment; empty when there is none any more. It looks at each month
    /// up to the last year at most once.
    Optional<Instant> next(Instant after) {
        ZonedDateTime from =
                after.truncatedTo(ChronoUnit.MINUTES)
                        .plus(1, ChronoUnit.MINUTES)
                        .atZone(ZoneOffset.UTC);
        LocalDate today = from.toLocalDate();
        Optional<LocalDate> day = day(today);
        if (day.isPresent() && day.get().equals(today)) {
            Optional<LocalTime> time = time(from.toLocalTime());
            if (time.isPresent()) {
                return time.map(at -> today.atTime(at).toInstant(ZoneOffset.UTC));
            }
            day = day(today.plusDays(1));
        }
        return day.map(date ->
                date.atTime(hours.nextSetBit(0), minutes.nextSetBit(0)).toInstant(ZoneOffset.UTC));
    }

    /// The first day that is meant from one on.
    private Optional<LocalDate> day(LocalDate from) {
        LocalDate date = from;
        int year = years.nextSetBit(date.getYear());
        while (year >= 0) {
            if (year > date.getYear()) {
                date = LocalDate.of(year, 1, 1);
            }
            YearMonth month = YearMonth.from(date);
            int day =
                    months.get(date.getMonthValue())
                            ? days.in(month).nextSetBit(date.getDayOfMonth())
                            : -1;
            if (day > 0) {
                return Optional.of(month.atDay(day));
            }
            date = month.plusMonths(1).atDay(1);
            year = years.nextSetBit(date.getYear());
        }
        return Optional.empty();
    }

    /// The first time of a day that is meant from one on.
    private Optional<LocalTime> time(LocalTime from) {
        int minute = hours.get(from.getHour()) ? minutes.nextSetBit(from.getMinute()) : -1;
        if (minute >= 0) {
            return Optional.of(LocalTime.of(from.getHour(), minute));
        }
        int hour = hours.nextSetBit(from.getHour() + 1);
        return hour < 0 ? Optional.empty() : Optional.of(LocalTime.of(hour, minutes.nextSetBit(0)));
    }
}
