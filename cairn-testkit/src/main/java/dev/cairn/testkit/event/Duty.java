package dev.cairn.testkit.event;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What an actor of some sort does in one go: a line of `duties.txt`.
///
/// @param share how often, among all duties
/// @param callsMin how many calls in a row, least
/// @param callsMax how many calls in a row, most
record Duty(Who who, int share, int callsMin, int callsMax, List<Call> calls) {

    /// Sorts of actors.
    enum Who {
        CONSOLE,
        CLI,
        CI,
        APP,
        AGENT,
        SERVICE,
        LINKED
    }

    static List<Duty> load() {
        List<Duty> duties = new ArrayList<>();
        for (String line : Call.lines("duties.txt")) {
            String[] cells = line.split(" *\\| *", -1);
            String[] count = cells[2].split("-", -1);
            duties.add(
                    new Duty(
                            Who.valueOf(cells[0].toUpperCase(java.util.Locale.ROOT)),
                            Integer.parseInt(cells[1]),
                            Integer.parseInt(count[0]),
                            Integer.parseInt(count[1]),
                            Arrays.stream(cells[3].split(" +", -1)).map(Call::named).toList()));
        }
        return List.copyOf(duties);
    }
}
