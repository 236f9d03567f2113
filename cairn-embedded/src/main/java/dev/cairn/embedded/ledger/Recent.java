package dev.cairn.embedded.ledger;

import dev.cairn.disk.DiskException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// What was used last, up to a number of bytes; the rest is read again when wanted.
final class Recent<K, V> {
    private final long bytesMax;
    private final Map<K, Sized<V>> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    Recent(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// A value and what it takes of the heap.
    record Sized<V>(V value, long bytes) {}

    /// Reads a value from the disk.
    interface Reading<V> {
        Sized<V> read() throws DiskException;
    }

    /// The value of a key, read if need be. Two threads that want it at once may both read it.
    V get(K key, Reading<V> reading) throws DiskException {
        synchronized (entries) {
            Sized<V> held = entries.get(key);
            if (held != null) {
                return held.value();
            }
        }
        Sized<V> read = reading.read();
        synchronized (entries) {
            Sized<V> before = entries.put(key, read);
            bytes += read.bytes() - (before == null ? 0 : before.bytes());
            Iterator<Sized<V>> oldest = entries.values().iterator();
            // The newest stays, however large: whoever reads in small steps wants it again.
            while (bytes > bytesMax && entries.size() > 1) {
                bytes -= oldest.next().bytes();
                oldest.remove();
            }
        }
        return read.value();
    }
}
