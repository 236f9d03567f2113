package dev.cairn.embedded.archive;

import dev.cairn.archive.ColdFiles;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.OpenFile;
import java.nio.ByteBuffer;

/// A colder place whose nth call fails: before anything is done, or when all is, so that only its
/// answer is lost.
final class UnsteadyFiles implements ColdFiles {
    private final ColdFiles files;
    private final long nth;
    private final boolean done;
    private long calls;

    UnsteadyFiles(ColdFiles files, long nth, boolean done) {
        this.files = files;
        this.nth = nth;
        this.done = done;
    }

    long calls() {
        return calls;
    }

    private interface Call<T> {
        T run() throws DiskException;
    }

    private <T> T call(Call<T> call) throws DiskException {
        calls++;
        if (calls == nth && !done) {
            throw away();
        }
        T result = call.run();
        if (calls == nth) {
            throw away();
        }
        return result;
    }

    private static DiskException away() {
        return new DiskException(DiskException.Kind.FAILED, "no answer");
    }

    @Override
    public Draft create(String name) throws DiskException {
        Draft draft = call(() -> files.create(name));
        return new Draft() {
            @Override
            public void append(ByteBuffer bytes) throws DiskException {
                var _ =
                        call(() -> {
                            draft.append(bytes);
                            return true;
                        });
            }

            @Override
            public void finish() throws DiskException {
                var _ =
                        call(() -> {
                            draft.finish();
                            return true;
                        });
            }

            @Override
            public void close() {
                draft.close();
            }
        };
    }

    @Override
    public OpenFile open(String name) throws DiskException {
        OpenFile file = call(() -> files.open(name));
        return new OpenFile() {
            @Override
            public int read(ByteBuffer into, long at) throws DiskException {
                return call(() -> file.read(into, at));
            }

            @Override
            public long size() throws DiskException {
                return file.size();
            }

            @Override
            public void close() {
                file.close();
            }
        };
    }

    @Override
    public void delete(String name) throws DiskException {
        var _ =
                call(() -> {
                    files.delete(name);
                    return true;
                });
    }

    @Override
    public String mark() throws DiskException {
        return call(files::mark);
    }

    @Override
    public void mark(String text) throws DiskException {
        var _ =
                call(() -> {
                    files.mark(text);
                    return true;
                });
    }

    @Override
    public void close() {
        files.close();
    }
}
