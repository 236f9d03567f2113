package dev.cairn.server.command;

import dev.cairn.proof.Crew;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// Does pieces of work on threads of its own, so many at once.
record Hands(int count) implements Crew {
    @Override
    public void all(List<? extends Runnable> pieces) throws InterruptedException {
        var atOnce = new Semaphore(Math.max(1, count));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var begun = new ArrayList<Future<?>>();
            for (var piece : pieces) {
                atOnce.acquire();
                begun.add(
                        threads.submit(() -> {
                            try {
                                piece.run();
                            } finally {
                                atOnce.release();
                            }
                        }));
            }
            for (var future : begun) {
                future.get();
            }
        } catch (ExecutionException failure) {
            throw new IllegalStateException("a worker failed", failure.getCause());
        }
    }
}
