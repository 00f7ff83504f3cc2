package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/etal-cloud/etal/market"
	"github.com/etal-cloud/etal/market/marketpb"
	"github.com/etal-cloud/etal/runtime"
	"github.com/etal-cloud/etal/runtime/image"
	"google.golang.org/protobuf/proto"
)

// leastDisk is what a job may bring along however little disk it leased.
const leastDisk = 64 << 20

func (p *Provider) folder(r *record) string { return filepath.Join(p.cfg.Data, "jobs", r.allocID()) }

// fillMounts unpacks the inputs that follow on the stream and makes the outputs'
// folders. An output that is an input too shares its folder.
func fillMounts(ctx context.Context, s Stream, dir string, disk int64, job market.Job) ([]runtime.Mount, error) {
	left := min(max(disk, leastDisk), maxInputs)
	var mounts []runtime.Mount
	at := map[string]bool{}
	for i, in := range job.Inputs {
		host := filepath.Join(dir, fmt.Sprintf("in-%d", i))
		if err := os.MkdirAll(host, 0o755); err != nil {
			return nil, err
		}
		n, err := receiveInput(ctx, s, host, left)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", in.Path, err)
		}
		left -= n
		src := host
		if single, ok := onlyFile(host); ok {
			src = single
		}
		mounts = append(mounts, runtime.Mount{Host: src, Path: in.Path})
		at[in.Path] = true
	}
	for i, out := range job.Outputs {
		if at[out.Path] {
			continue
		}
		host := filepath.Join(dir, fmt.Sprintf("out-%d", i))
		if err := os.MkdirAll(host, 0o777); err != nil {
			return nil, err
		}
		// The umask must not keep a job that runs as another user out of its output.
		if err := os.Chmod(host, 0o777); err != nil { //nolint:gosec // inside our 0700 folder
			return nil, err
		}
		mounts = append(mounts, runtime.Mount{Host: host, Path: out.Path})
	}
	return mounts, nil
}

// inputFile is the folder in an input's archive that holds a single file, when
// the input is a file and not a folder.
const inputFile = ".etal-file"

// onlyFile returns the single file that an input consists of, if it does.
func onlyFile(host string) (string, bool) {
	list, err := os.ReadDir(filepath.Join(host, inputFile))
	if err != nil || len(list) != 1 || !list[0].Type().IsRegular() {
		return "", false
	}
	return filepath.Join(host, inputFile, list[0].Name()), true
}

// logs sends the job's output as records, the last of them marked.
func (p *Provider) logs(ctx context.Context, s Stream, m *marketpb.JobLogs) error {
	p.mu.Lock()
	r, err := p.find(s.Peer(), m.Lease)
	ran := err == nil && r.Spec != nil
	p.mu.Unlock()
	if err != nil {
		return err
	}
	end := func(seq int64) error { return s.WriteMsg(&marketpb.LogRecord{Seq: seq, End: true}) }
	if !ran {
		return end(m.Seq)
	}
	l, err := p.cfg.Engine.Logs(ctx, r.allocID(), m.Seq, m.Follow)
	if errors.Is(err, runtime.ErrNotFound) {
		return end(m.Seq)
	}
	if err != nil {
		return err
	}
	defer l.Close()
	seq := m.Seq
	for {
		rec, err := l.Next(ctx)
		if errors.Is(err, io.EOF) {
			return end(seq)
		}
		if err != nil {
			return err
		}
		for first := true; first || len(rec.Data) > 0; first = false {
			data := rec.Data[:min(len(rec.Data), marketpb.MaxLogData)]
			out := &marketpb.LogRecord{Seq: rec.Seq, TimeNs: rec.Time.UnixNano(), Stream: uint32(rec.Stream), Data: data, Dropped: rec.Dropped}
			if err := s.WriteMsg(out); err != nil {
				return err
			}
			rec.Data, rec.Dropped = rec.Data[len(data):], 0
			rec.Seq += int64(len(data))
		}
		seq = rec.Seq
	}
}

// output sends a file or folder of the job's inputs or outputs as a tar stream.
func (p *Provider) output(ctx context.Context, s Stream, m *marketpb.JobOutput) error {
	p.mu.Lock()
	r, err := p.find(s.Peer(), m.Lease)
	var spec marketpb.JobSpec
	var dir string
	if err == nil {
		dir = p.folder(r)
		err = proto.Unmarshal(r.Spec, &spec)
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	host, err := hostPath(dir, &spec, m.Path)
	if err != nil {
		return err
	}
	pr, pw := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := image.Archive(ctx, host, pw)
		pw.CloseWithError(err)
	}()
	err = s.SendBytes(pr, -1)
	_ = pr.Close() // ends the writer above, if the stream broke first
	<-done
	return err
}

// hostPath finds where on the host a path inside the job is kept. Only what was
// named as input or output is: the rest of the job's files die with it. A job may
// have put symlinks there, so the result is checked to stay inside.
func hostPath(dir string, spec *marketpb.JobSpec, path string) (string, error) {
	type root struct{ host, at string }
	var roots []root
	for i, in := range spec.Inputs {
		roots = append(roots, root{filepath.Join(dir, fmt.Sprintf("in-%d", i)), in})
	}
	for i, out := range spec.Outputs {
		roots = append(roots, root{filepath.Join(dir, fmt.Sprintf("out-%d", i)), out})
	}
	for _, r := range roots {
		rel, err := filepath.Rel(r.at, path)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		if _, err := os.Lstat(r.host); errors.Is(err, os.ErrNotExist) {
			continue // an output that shares its input's folder
		}
		if f, ok := onlyFile(r.host); ok {
			if rel != "." {
				break
			}
			return f, nil
		}
		return inside(r.host, rel, path)
	}
	return "", fmt.Errorf("%s: not an input or output of the job: name it with --out to keep it: %w", path, market.ErrUnknown)
}

// inside resolves rel below root and refuses what leads out of it.
func inside(root, rel, path string) (string, error) {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", err
	}
	full, err := filepath.EvalSymlinks(filepath.Join(root, rel))
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s: no such file in the job: %w", path, market.ErrUnknown)
	}
	if err != nil {
		return "", fmt.Errorf("%s: cannot be read: %w", path, market.ErrUnknown)
	}
	if full != root && !strings.HasPrefix(full, root+string(filepath.Separator)) {
		return "", fmt.Errorf("%s: points outside the job's folder: %w", path, market.ErrUnknown)
	}
	return full, nil
}
