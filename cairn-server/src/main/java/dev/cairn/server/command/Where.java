package dev.cairn.server.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/// The accounts and regions a question is about; all that the caller may see when none are named.
final class Where {
    @Option(
            names = "--account",
            paramLabel = "ID",
            description = "Only this account; may be given again.")
    private List<String> accounts = new ArrayList<>();

    @Option(
            names = "--region",
            paramLabel = "NAME",
            description = "Only this region; may be given again.")
    private List<String> regions = new ArrayList<>();

    void addTo(Map<String, List<String>> query) {
        if (!accounts.isEmpty()) {
            query.put("account", List.copyOf(accounts));
        }
        if (!regions.isEmpty()) {
            query.put("region", List.copyOf(regions));
        }
    }
}
