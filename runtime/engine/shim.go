package main

import (
	"context"
	"fmt"

	"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2/manager"
	"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2/task"
	shimlib "github.com/containerd/containerd/v2/pkg/shim"
	"github.com/containerd/containerd/v2/pkg/shutdown"
	"github.com/containerd/containerd/v2/plugins"
	"github.com/containerd/plugin"
	"github.com/containerd/plugin/registry"
)

// shim is containerd's runc shim. The daemon's plugins are linked into the same
// file and have registered themselves: they are forgotten first, or the shim
// would start them all and die of it.
func shim(ctx context.Context) {
	registry.Reset()
	registry.Register(&plugin.Registration{
		Type:     plugins.TTRPCPlugin,
		ID:       "task",
		Requires: []plugin.Type{plugins.EventPlugin, plugins.InternalPlugin},
		InitFn: func(ic *plugin.InitContext) (any, error) {
			pub, err := ic.GetByID(plugins.EventPlugin, "publisher")
			if err != nil {
				return nil, err
			}
			sd, err := ic.GetByID(plugins.InternalPlugin, "shutdown")
			if err != nil {
				return nil, err
			}
			publisher, ok := pub.(shimlib.Publisher)
			if !ok {
				return nil, fmt.Errorf("shim: publisher is a %T", pub)
			}
			service, ok := sd.(shutdown.Service)
			if !ok {
				return nil, fmt.Errorf("shim: shutdown is a %T", sd)
			}
			return task.NewTaskService(ic.Context, publisher, service)
		},
	})
	shimlib.Run(ctx, manager.NewShimManager("io.containerd.runc.v2"))
}
