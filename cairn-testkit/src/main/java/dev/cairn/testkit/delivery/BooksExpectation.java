package dev.cairn.testkit.delivery;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.Testimony;
import dev.cairn.proof.Expectation;
import dev.cairn.proof.Head;
import dev.cairn.proof.Unsealed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What delivery's own books say, taken at their word.
public final class BooksExpectation implements Expectation {
    private final Testimony books;

    public BooksExpectation(Testimony books) {
        this.books = books;
    }

    @Override
    public List<Head> heads() {
        List<Head> heads = new ArrayList<>();
        try {
            for (var end : all(books::heads)) {
                heads.add(new Head(end.bucket(), end.object(), end.end(), end.signature()));
            }
        } catch (ArchiveException failure) {
            throw new AssertionError("the books can be read", failure);
        }
        return heads;
    }

    @Override
    public Optional<Set<String>> pending(String bucket, String account) throws ArchiveException {
        Set<String> keys = new HashSet<>();
        for (var file : all(books::pending)) {
            if (file.bucket().equals(bucket) && file.account().equals(account)) {
                keys.add(file.object());
            }
        }
        return Optional.of(keys);
    }

    @Override
    public List<Unsealed> unsealed() throws ArchiveException {
        List<Unsealed> spans = new ArrayList<>();
        for (var span : all(books::unsealed)) {
            spans.add(
                    new Unsealed(
                            span.bucket(), span.base(), span.from(), span.to(), span.sealedBy()));
        }
        return spans;
    }

    @FunctionalInterface
    private interface Pages<T> {
        Testimony.Page<T> after(String after) throws CatalogException;
    }

    private static <T> List<T> all(Pages<T> pages) throws ArchiveException {
        try {
            List<T> all = new ArrayList<>();
            String after = "";
            do {
                Testimony.Page<T> page = pages.after(after);
                all.addAll(page.items());
                after = page.next();
            } while (!after.isEmpty());
            return all;
        } catch (CatalogException failure) {
            throw new ArchiveException(
                    Kind.UNAVAILABLE, "NoBooks", "the books cannot be read", failure);
        }
    }
}
