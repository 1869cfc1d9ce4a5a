# The deployer of the scale benchmark: a slot is one file that says what runs there.
# slots.sh deploy|undeploy FOLDER SLOT VERSION SERVICE RELEASE
case $1-$5 in
  # A deployment that never comes back, for whoever wants to see what goes on beside it.
  deploy-hanging*) exec sleep 600 ;;
esac
case $1 in
  deploy) state=running ready=true ;;
  undeploy) state=stopped ready=false ;;
  *) exit 2 ;;
esac
file=$2/$5-$3
printf '{"slot":"%s","version":"%s","release":"%s","state":"%s","ready":%s}\n' "$3" "$4" "$6" "$state" "$ready" >"$file.new"
mv "$file.new" "$file"
