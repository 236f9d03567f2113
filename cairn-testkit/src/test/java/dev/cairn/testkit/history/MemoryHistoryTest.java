package dev.cairn.testkit.history;

import dev.cairn.history.History;

class MemoryHistoryTest extends HistoryContract {
    private MemoryHistory.Durable durable = new MemoryHistory.Durable();

    @Override
    protected History open(Wanted wanted) {
        return new MemoryHistory(
                durable, wanted.clock(), wanted.retention(), wanted.expireImported());
    }

    @Override
    protected void forget() {
        durable = new MemoryHistory.Durable();
    }
}
