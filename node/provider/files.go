package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

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
	left := min(max(disk, leastDisk), maxInputs) // of all inputs together
	var mounts []runtime.Mount
	at := map[string]bool{}
	for i, in := range job.Inputs {
		host := filepath.Join(dir, fmt.Sprintf("in-%d", i))
		if err := os.MkdirAll(host, 0o755); err != nil {
			return nil, err
		}
		n, err := receiveInput(ctx, s, host, max(left, 1)) // zero would mean the default
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

// InputFile is the folder in an input's archive that holds a single file, when
// the input is a file and not a folder.
const InputFile = ".etal-file"

// onlyFile returns the single file that an input consists of, if it does.
func onlyFile(host string) (string, bool) {
	list, err := os.ReadDir(filepath.Join(host, InputFile))
	if err != nil || len(list) != 1 || !list[0].Type().IsRegular() {
		return "", false
	}
	return filepath.Join(host, InputFile, list[0].Name()), true
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
// The job may be running and changing what is read: nothing outside its folder
// is ever opened.
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
	host, rel, err := place(dir, &spec, m.Path)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(host)
	if err != nil {
		return fmt.Errorf("%s: is gone: %w", m.Path, market.ErrUnknown)
	}
	defer root.Close()
	if _, err := root.Stat(rel); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: no such file in the job: %w", m.Path, market.ErrUnknown)
	} else if err != nil {
		return fmt.Errorf("%s: cannot be read, or points outside the job's folder: %w", m.Path, market.ErrUnknown)
	}
	pr, pw := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := image.ArchiveIn(ctx, root, rel, pw)
		pw.CloseWithError(err)
	}()
	err = s.SendBytes(pr, -1)
	_ = pr.Close() // ends the writer above, if the stream broke first
	<-done
	return err
}

// place finds where on the host a path inside the job is kept: a folder of the
// job's and a name below it. Only what was named as input or output is kept: the
// rest of the job's files die with it.
func place(dir string, spec *marketpb.JobSpec, at string) (host, rel string, err error) {
	best := ""
	try := func(kind string, roots []string) {
		for i, root := range roots {
			below, err := filepath.Rel(root, at)
			h := filepath.Join(dir, fmt.Sprintf("%s-%d", kind, i))
			if err != nil || !filepath.IsLocal(below) || len(root) <= len(best) {
				continue
			}
			if _, err := os.Lstat(h); err != nil {
				continue // an output that shares its input's folder
			}
			best, host, rel = root, h, below
		}
	}
	try("in", spec.Inputs)
	try("out", spec.Outputs)
	if best == "" {
		return "", "", fmt.Errorf("%s: not an input or output of the job: name it with --out to keep it: %w", at, market.ErrUnknown)
	}
	if f, ok := onlyFile(host); ok {
		if rel != "." {
			return "", "", fmt.Errorf("%s: %s is a file: %w", at, best, market.ErrUnknown)
		}
		return filepath.Dir(f), filepath.Base(f), nil
	}
	return host, rel, nil
}
