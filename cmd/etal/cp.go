package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/etal-cloud/etal/node/api"
	"github.com/etal-cloud/etal/runtime/image"
)

func (a *app) cpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "cp NAME:/path LOCAL", Short: "Copy an output of a job to this machine",
		Args: exactly("source, NAME:/path", "destination"),
		RunE: interruptible(func(ctx context.Context, _ *cobra.Command, args []string) error {
			name, from, ok := strings.Cut(args[0], ":")
			if !ok || !strings.HasPrefix(from, "/") || name == "" {
				return usage("cp %q: want NAME:/path; only a job's outputs can be copied, to this machine", args[0])
			}
			to, err := filepath.Abs(args[1])
			if err != nil {
				return fmt.Errorf("find %s: %w", args[1], err)
			}
			if strings.HasSuffix(args[1], "/") {
				to += "/"
			}
			c, _, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			j, err := findJob(ctx, c, name)
			if err != nil {
				return err
			}
			return bring(ctx, c, j.Name, from, to, likeCp)
		}),
	}
}

// bringAs says what a local path means to an output.
type bringAs int

const (
	// likeCp is as docker's cp: a path that is a folder gets the output inside it
	// under its own name, any other becomes the output.
	likeCp bringAs = iota
	// likeMount is as a mount: a folder's files go into the folder at the path.
	likeMount
)

// bring copies an output to a local path. Nothing there is changed until all
// has come.
func bring(ctx context.Context, c *api.Client, job, from, to string, as bringAs) error {
	inside := strings.HasSuffix(to, "/")
	to = filepath.Clean(to)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	// Beside the destination, so that putting it into place is a rename.
	tmp, err := os.MkdirTemp(filepath.Dir(to), ".etal-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()

	r, w := io.Pipe()
	sent := make(chan error, 1)
	go func() { // ends with the stream, or when the reader below gives up
		err := c.JobOutput(ctx, job, from, w)
		w.CloseWithError(err) // nil is the end of the stream
		sent <- err
	}()
	_, err = image.Extract(ctx, r, tmp, image.Limits{})
	r.CloseWithError(errors.New("not wanted any more"))
	if sendErr := <-sent; sendErr != nil && (err == nil || errors.Is(err, sendErr)) {
		err = sendErr
	}
	if err != nil {
		return err
	}
	// The stream of a file holds the file; that of a folder what is in it.
	src, name := tmp, path.Base(from)
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	file := len(entries) == 1 && entries[0].Name() == name && entries[0].Type().IsRegular()
	if file {
		src = filepath.Join(tmp, name)
	}
	if fi, err := os.Stat(to); (err == nil && fi.IsDir() || inside) && (file || as == likeCp) {
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		to = filepath.Join(to, name)
	}
	return merge(src, to)
}

// merge moves a file or a folder to a place where there may be an older one:
// files replace files, folders are joined.
func merge(src, to string) error {
	have, err := os.Lstat(to)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(src, to); err != nil {
			return err
		}
		if fi, err := os.Stat(to); err == nil && fi.IsDir() && fi.Mode().Perm() == 0o700 {
			return os.Chmod(to, 0o755) // the temporary folder's mode, not the output's
		}
		return nil
	}
	if err != nil {
		return err
	}
	fi, err := os.Lstat(src)
	if err != nil {
		return err
	}
	if fi.IsDir() != have.IsDir() {
		return fmt.Errorf("%s is in the way: one is a folder, the other a file", to)
	}
	if !fi.IsDir() {
		return os.Rename(src, to)
	}
	entries, err := os.ReadDir(src)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := merge(filepath.Join(src, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
