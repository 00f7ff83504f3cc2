package trace_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"math"
	"strings"
	"testing"

	"github.com/etal-cloud/etal/testnet/jobs/render/trace"
)

func TestSincos(t *testing.T) {
	for i := -4000; i <= 4000; i++ {
		turns := float64(i) / 1000
		sin, cos := trace.Sincos(turns)
		wantSin, wantCos := math.Sincos(turns * 2 * math.Pi)
		if math.Abs(sin-wantSin) > 2e-14 || math.Abs(cos-wantCos) > 2e-14 {
			t.Fatalf("Sincos(%v) = %v, %v, want %v, %v", turns, sin, cos, wantSin, wantCos)
		}
	}
}

func TestFifthRoot(t *testing.T) {
	for i := range 1001 {
		x := float64(i) / 1000
		if got, want := trace.FifthRoot(x), math.Pow(x, 0.2); math.Abs(got-want) > 1e-14 {
			t.Fatalf("FifthRoot(%v) = %v, want %v", x, got, want)
		}
	}
}

func TestFloorInt(t *testing.T) {
	for x, want := range map[float64]int64{1.5: 1, -1.5: -2, 0: 0, 1e30: 1e9, -1e30: -1e9, math.Inf(1): 1e9, math.Inf(-1): -1e9} {
		if got := trace.FloorInt(x); got != want {
			t.Errorf("FloorInt(%v) = %d, want %d", x, got, want)
		}
	}
	if got := trace.FloorInt(math.NaN()); got != -1e9 {
		t.Errorf("FloorInt(NaN) = %d", got)
	}
}

func TestColorsComeBack(t *testing.T) {
	for i := range 256 {
		if got := trace.Encode(trace.Linear(float64(i) / 255)); int(got) != i {
			t.Errorf("the channel %d comes back as %d", i, got)
		}
	}
	for light, want := range map[float64]byte{-1: 0, 0: 0, 1: 255, 2: 255, math.Inf(1): 255} {
		if got := trace.Encode(light); got != want {
			t.Errorf("Encode(%v) = %d, want %d", light, got, want)
		}
	}
	if got := trace.Encode(trace.Film(math.NaN())); got != 0 {
		t.Errorf("what is not a number is drawn as %d", got)
	}
	last := -1.0
	for x := 0.0; x < 50; x += 0.01 {
		f := trace.Film(x)
		if f < last || f > 1 {
			t.Fatalf("Film(%v) = %v after %v", x, f, last)
		}
		last = f
	}
}

// TestExact reads the package's source for arithmetic that two machines might
// do differently: a product of floats outside float64(), which may be fused
// with a sum, and any function of package math that is not exact.
func TestExact(t *testing.T) {
	exact := map[string]bool{"Sqrt": true, "Floor": true, "Abs": true, "Inf": true, "Copysign": true, "Pi": true}
	set := token.NewFileSet()
	//nolint:staticcheck // it ignores build tags, and this package has none
	packages, err := parser.ParseDir(set, ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, f := range packages["trace"].Files {
		files = append(files, f)
	}
	// Imports stay unknown, and so do the types of what they return: products
	// of unknown type are taken for floats.
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	config := types.Config{Error: func(error) {}, Importer: nothing{}}
	_, _ = config.Check("trace", set, files, info)

	products := 0
	for _, f := range files {
		var parents []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				parents = parents[:len(parents)-1]
				return true
			}
			parents = append(parents, n)
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "math" && !exact[n.Sel.Name] {
					t.Errorf("%v: math.%s may differ between machines", set.Position(n.Pos()), n.Sel.Name)
				}
			case *ast.AssignStmt:
				if n.Tok == token.MUL_ASSIGN && float(info.Types[n.Lhs[0]]) {
					t.Errorf("%v: *= may be fused with a later sum", set.Position(n.Pos()))
				}
			case *ast.BinaryExpr:
				// The compiler turns a division by 4 into a product.
				product := n.Op == token.MUL || n.Op == token.QUO && info.Types[n.Y].Value != nil
				if product && float(info.Types[n]) {
					products++
					if !held(parents) {
						t.Errorf("%v: a product outside float64() may be fused with a sum", set.Position(n.Pos()))
					}
				}
			}
			return true
		})
	}
	if products < 100 {
		t.Errorf("only %d products were found: this test no longer sees the arithmetic", products)
	}
}

type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, path[strings.LastIndex(path, "/")+1:])
	p.MarkComplete()
	return p, nil
}

// float says whether the compiler computes this at run time, in floats.
func float(v types.TypeAndValue) bool {
	if v.Value != nil {
		return false // a constant is exact
	}
	if v.Type == nil {
		return true
	}
	b, ok := v.Type.Underlying().(*types.Basic)
	return !ok || b.Info()&types.IsFloat != 0 || b.Kind() == types.Invalid
}

// held says whether the product at the end of the path is rounded before
// anything is added to it: it is converted, or multiplied, divided or compared.
func held(path []ast.Node) bool {
	for i := len(path) - 2; i >= 0; i-- {
		switch p := path[i].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.CallExpr:
			f, ok := p.Fun.(*ast.Ident)
			return ok && f.Name == "float64"
		case *ast.BinaryExpr:
			switch p.Op {
			case token.MUL, token.QUO, token.LSS, token.LEQ, token.GTR, token.GEQ:
				return true
			}
			return false
		default:
			return false
		}
	}
	return false
}
