package dev.cairn.proof;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Counts what is found and passes it on.
final class Tally {
    private final Report report;
    private final List<Verdict.ChainLine> chains = new ArrayList<>();
    private final List<Head> runs = new ArrayList<>();
    private long digestsRead;
    private long digestsProved;
    private long filesProved;
    private long faults;
    private long unjudged;
    private long pending;

    Tally(Report report) {
        this.report = report;
    }

    void found(Finding finding) {
        switch (finding.kind().weight()) {
            case FAULT -> faults++;
            case UNJUDGED -> unjudged++;
            case NOTE -> pending += finding.kind() == Kind.PENDING ? 1 : 0;
        }
        report.found(finding);
    }

    /// Of files that are not judged.
    void later(Finding finding, long files) {
        pending += files;
        report.found(finding);
    }

    void digestRead(Shelf shelf, Instant end) {
        digestsRead++;
        report.progress(
                digestsRead, filesProved, shelf.account() + " " + shelf.region() + " " + end);
    }

    void digestProved() {
        digestsProved++;
    }

    void fileProved() {
        filesProved++;
    }

    void chain(Chain chain) {
        chains.add(chain.line());
        runs.addAll(chain.runs());
    }

    Verdict verdict() {
        return new Verdict(
                List.copyOf(chains),
                List.copyOf(runs),
                digestsProved,
                filesProved,
                faults,
                unjudged,
                pending);
    }
}
