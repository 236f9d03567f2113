package dev.cairn.server.wiring;

import dev.cairn.embedded.history.HistoryReader;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.Ledger;
import dev.cairn.server.operation.ReaderView;
import java.util.List;

/// The history reader as status shows it: the sum over all partitions.
final class HistoryView implements ReaderView {
    private final Ledger ledger;
    private final History history;
    private final HistoryReader reader;

    HistoryView(Ledger ledger, History history, HistoryReader reader) {
        this.reader = reader;
        this.ledger = ledger;
        this.history = history;
    }

    @Override
    public String name() {
        return "history";
    }

    @Override
    public Snapshot snapshot() throws HistoryException {
        long taken = 0;
        long delivered = 0;
        long filtered = 0;
        long setAside = 0;
        for (var partition = 0; partition < ledger.partitions(); partition++) {
            var account = history.account(partition);
            taken += account.position();
            delivered += account.delivered();
            filtered += account.filtered();
            setAside += account.setAside();
        }
        var status = reader.status();
        return new Snapshot(
                taken,
                delivered,
                filtered,
                setAside,
                status.oldestPending(),
                status.lastFailure(),
                status.lastFailureAt(),
                status.failing());
    }

    @Override
    public List<SetAside> setAside(int limit) throws HistoryException {
        return history.setAside(limit).stream()
                .map(item ->
                        new SetAside(
                                item.partition() + ":" + item.offset(),
                                item.count(),
                                item.reason()))
                .toList();
    }
}
