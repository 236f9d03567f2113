package dev.cairn.recorder.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UnsupportedEncodingException;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/// A request whose body is kept, up to a limit, while the application reads it.
final class KeptBody extends HttpServletRequestWrapper {
    private final int bytesMax;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private @Nullable ServletInputStream stream;
    private @Nullable BufferedReader reader;
    private boolean tooLong;

    KeptBody(HttpServletRequest request, int bytesMax) {
        super(request);
        this.bytesMax = bytesMax;
    }

    /// @return null when it was longer than the limit
    byte @Nullable [] kept() {
        return tooLong ? null : kept.toByteArray();
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (stream == null) {
            stream = new Keeping(super.getInputStream());
        }
        return stream;
    }

    @Override
    public BufferedReader getReader() throws IOException {
        if (reader == null) {
            var encoding = getCharacterEncoding();
            reader =
                    new BufferedReader(
                            new InputStreamReader(
                                    getInputStream(),
                                    encoding == null ? UTF_8 : charset(encoding)));
        }
        return reader;
    }

    private static Charset charset(String name) throws UnsupportedEncodingException {
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException unknown) {
            throw new UnsupportedEncodingException(name);
        }
    }

    private final class Keeping extends ServletInputStream {
        private final ServletInputStream in;

        Keeping(ServletInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            var one = in.read();
            if (one >= 0) {
                keep(new byte[] {(byte) one}, 0, 1);
            }
            return one;
        }

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            var count = in.read(into, at, length);
            if (count > 0) {
                keep(into, at, count);
            }
            return count;
        }

        private void keep(byte[] bytes, int at, int length) {
            if (tooLong || kept.size() + length > bytesMax) {
                tooLong = true;
                kept.reset();
            } else {
                kept.write(bytes, at, length);
            }
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            in.setReadListener(listener);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
