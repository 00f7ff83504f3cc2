package trace_test
import ("testing";"strings";"time";"fmt";"os";"github.com/etal-cloud/etal/testnet/jobs/render/trace")
func TestSlow(t *testing.T){
 var u,m strings.Builder
 for i:=range 10000 { fmt.Fprintf(&u,"k%d=1\n",i) }
 for i:=range 5000 { fmt.Fprintf(&m,"[material.m%d]\n",i) }
 cs:=map[string]string{"unknown":u.String(),"materials":head+m.String(),"spheres":strings.Repeat("[[sphere]]\n",20000),"sub":strings.Repeat("[[sphere.a]]\n",20000),"dots":"a='"+strings.Repeat("x",1000000)+"'","dotted":strings.Repeat("a.",20000)+"a=1","inline":"a="+strings.Repeat("{a=",200000),
 "unknownarr":strings.Repeat("[[x]]\ny=1\n",20000), "spherekeys":strings.Repeat("[[sphere]]\nat=[0,0,0]\nradius=1\n",20000), "longarr":"[camera]\nat=["+strings.Repeat("1,",400000)+"]","inl":"sphere=["+strings.Repeat("{radius=1},",20000)+"]"}
 var ik,ij strings.Builder
 for i:=range 90000 { fmt.Fprintf(&ik,"k%d=1,",i); fmt.Fprintf(&ij,"{k%d=1},",i) }
 cs["inlkeys"]="a={"+ik.String()+"b=1}"
 cs["inlmat"]="material={"+strings.ReplaceAll(ik.String(),"=1","={}")
 cs["inlmat"]=cs["inlmat"][:strings.LastIndex(cs["inlmat"],",")]+"}"
 cs["inlunk"]="sphere=["+ij.String()+"]"
 cs["inlsph"]="sphere=["+strings.Repeat("{radius=1},",90000)+"]"
 cs["m4900"]=head+strings.Repeat("[[sphere]]\nat=[0,0,0]\n",2400)
 cs["u4900"]=u.String()[:38000]
  s:=cs[os.Getenv("C")]
  s0:=time.Now(); _,err:=trace.Parse([]byte(s)); e:=""; if err!=nil {e=err.Error()}; t.Log(os.Getenv("C"),len(s),time.Since(s0),e[:min(len(e),100)])
}
